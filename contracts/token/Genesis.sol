// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {GenesisAllocation} from "./GenesisAllocation.sol";
import {IGenesis} from "./IGenesis.sol";
import {OpenToken} from "./OpenToken.sol";
import {OpenVesting} from "./OpenVesting.sol";

/// @title Where OPEN comes from
/// @notice See IGenesis, and GenesisAllocation for the table.
contract Genesis is IGenesis {
    using SafeERC20 for OpenToken;

    /// @inheritdoc IGenesis
    OpenToken public immutable TOKEN;
    /// @inheritdoc IGenesis
    address public immutable FOUNDER;

    /// @inheritdoc IGenesis
    mapping(GenesisAllocation.Part part => OpenVesting) public walletOf;
    /// @inheritdoc IGenesis
    bool public isDone;

    /// @param founder may distribute, once
    constructor(address founder) {
        require(founder != address(0), GenesisNotFounder(founder));
        (TOKEN, FOUNDER) = (new OpenToken(address(this)), founder);
        _openWallet(GenesisAllocation.Part.Community);
        _openWallet(GenesisAllocation.Part.Ecosystem);
        _openWallet(GenesisAllocation.Part.Investors);
        _openWallet(GenesisAllocation.Part.Team);
    }

    /// @inheritdoc IGenesis
    function distribute(Holders calldata holders) external {
        require(msg.sender == FOUNDER, GenesisNotFounder(msg.sender));
        require(!isDone, GenesisDone());
        isDone = true;
        _allocate(GenesisAllocation.Part.Community, holders.communityAtOnce, holders.community);
        _allocate(GenesisAllocation.Part.Ecosystem, holders.ecosystem, holders.ecosystem);
        _allocate(GenesisAllocation.Part.Investors, holders.investors, holders.investors);
        _allocate(GenesisAllocation.Part.Team, holders.team, holders.team);
        _allocate(GenesisAllocation.Part.Liquidity, holders.liquidity, holders.liquidity);
    }

    /// @dev Owned by this until the part is given to its owner.
    function _openWallet(GenesisAllocation.Part part) private {
        GenesisAllocation.Terms memory terms = GenesisAllocation.termsOf(part);
        uint64 startTime = uint64(block.timestamp) + terms.cliffSeconds;
        walletOf[part] = new OpenVesting(address(this), startTime, terms.linearSeconds);
    }

    /// @param holder gets what is due at once
    /// @param owner gets the wallet with the rest
    function _allocate(GenesisAllocation.Part part, address holder, address owner) private {
        require(holder != address(0) && owner != address(0), GenesisHolderMissing(part));
        GenesisAllocation.Terms memory terms = GenesisAllocation.termsOf(part);
        // Exact: the supply is a multiple of a million wei, so no part is rounded.
        uint256 unitWei = TOKEN.SUPPLY_WEI() / GenesisAllocation.ONE_PPM;
        uint256 atOnceWei = unitWei * terms.atOncePpm;
        uint256 vestingWei = unitWei * terms.sharePpm - atOnceWei;
        OpenVesting wallet = walletOf[part];
        emit Allocated(part, holder, owner, address(wallet), atOnceWei, vestingWei);
        TOKEN.safeTransfer(holder, atOnceWei);
        if (vestingWei == 0) return;
        TOKEN.safeTransfer(address(wallet), vestingWei);
        wallet.transferOwnership(owner);
    }
}
