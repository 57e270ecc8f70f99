// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GenesisAllocation} from "./GenesisAllocation.sol";
import {OpenToken} from "./OpenToken.sol";
import {OpenVesting} from "./OpenVesting.sol";

/// @title Where OPEN comes from
/// @notice Makes OPEN and the wallets it vests in, then, once, gives the whole supply away by GenesisAllocation. It has no owner
/// and keeps nothing; time counts from its construction.
/// @dev Two steps, for who holds a part may itself need OPEN's address first. Between them the supply lies here. The founder
/// names the holders, once, and is nobody afterwards.
interface IGenesis {
    /// @notice Who gets what. A part's one holder may be a multisig, a splitter or another vesting contract.
    /// @param community the owner of the wallet that funds rewards
    /// @param communityAtOnce gets the part of the community's share that is liquid at the start
    /// @param ecosystem owner of its wallet
    /// @param investors owner of their wallet
    /// @param team owner of its wallet
    /// @param liquidity gets its part at once
    struct Holders {
        address community;
        address communityAtOnce;
        address ecosystem;
        address investors;
        address team;
        address liquidity;
    }

    /// @notice A part went to its holder and its wallet.
    /// @param wallet where `vestingWei` vests for `owner`; 0 if nothing of the part vests
    event Allocated(
        GenesisAllocation.Part indexed part,
        address indexed holder,
        address indexed owner,
        address wallet,
        uint256 atOnceWei,
        uint256 vestingWei
    );

    /// @notice Only the founder may name the holders, and there must be one.
    error GenesisNotFounder(address sender);
    /// @notice The supply is given away already.
    error GenesisDone();
    /// @notice A part without a holder.
    error GenesisHolderMissing(GenesisAllocation.Part part);

    /// @notice Gives the whole supply away. Once; founder only.
    function distribute(Holders calldata holders) external;

    /// @notice OPEN.
    function TOKEN() external view returns (OpenToken token);

    /// @notice Who may distribute, once.
    function FOUNDER() external view returns (address founder);

    /// @notice Where a part vests; 0 for liquidity, which does not.
    function walletOf(GenesisAllocation.Part part) external view returns (OpenVesting wallet);

    /// @notice Whether the supply is given away.
    function isDone() external view returns (bool done);
}
