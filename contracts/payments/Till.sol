// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IInferenceEscrow} from "./IInferenceEscrow.sol";
import {ITill} from "./ITill.sol";
import {ITills} from "./ITills.sol";

/// @title Where x402 payments to one node for one model land
/// @notice See ITill, which says what each function does, trusts and refuses.
/// @dev Tills are minimal clones of one contract; node and model stand behind the clone's code.
contract Till is ITill {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice Where everybody calls.
    ITills public immutable TILLS;
    /// @notice Holds the deposit.
    IInferenceEscrow public immutable ESCROW;
    /// @notice OPEN.
    IERC20 public immutable TOKEN;

    /// @inheritdoc ITill
    uint256 public setAsideWei;

    modifier onlyTills() {
        require(msg.sender == address(TILLS), TillNotTills(msg.sender));
        _;
    }

    constructor(IInferenceEscrow escrow, IERC20 token) {
        (TILLS, ESCROW, TOKEN) = (ITills(msg.sender), escrow, token);
    }

    /// @inheritdoc ITill
    function collect() external onlyTills returns (uint256 amountWei) {
        amountWei = TOKEN.balanceOf(address(this)) - setAsideWei;
        require(amountWei != 0, TillNothingToCollect(address(this)));
        // OPEN never lowers the greatest allowance, so only the first collection writes it.
        if (TOKEN.allowance(address(this), address(ESCROW)) < amountWei) {
            TOKEN.forceApprove(address(ESCROW), type(uint256).max);
        }
        ESCROW.deposit(address(this), amountWei.toUint128());
    }

    /// @inheritdoc ITill
    function thaw(uint128 amountWei) external onlyTills {
        ESCROW.thaw(amountWei);
    }

    /// @inheritdoc ITill
    function takeBack() external onlyTills returns (uint256 amountWei) {
        amountWei = ESCROW.withdraw(address(this));
        setAsideWei += amountWei;
    }

    /// @inheritdoc ITill
    function refund(address to, uint256 amountWei) external onlyTills {
        uint256 balanceWei = TOKEN.balanceOf(address(this));
        require(amountWei <= balanceWei, TillTooLittle(address(this), amountWei, balanceWei));
        uint256 asideWei = setAsideWei;
        setAsideWei = asideWei > amountWei ? asideWei - amountWei : 0;
        TOKEN.safeTransfer(to, amountWei);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (uint128 cumulativeWei, uint64 expiresAt, bytes memory nodeSignature) = abi.decode(
            signature,
            (uint128, uint64, bytes)
        );
        (address node, bytes32 modelId) = owner();
        bytes32 expected = ESCROW.hashVoucher(
            IInferenceEscrow.Voucher(address(this), node, modelId, cumulativeWei, expiresAt)
        );
        bool accepted = digest == expected && _signed(node, digest, nodeSignature);
        return accepted ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @inheritdoc ITill
    function owner() public view returns (address node, bytes32 modelId) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (address, bytes32));
    }

    /// @dev By a key that the node set, by the node's own key, or by what a node with code accepts.
    function _signed(address node, bytes32 digest, bytes memory signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecover(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && (recovered == node || TILLS.isSigner(node, recovered)))
            return true;
        return SignatureChecker.isValidERC1271SignatureNow(node, digest, signature);
    }
}
